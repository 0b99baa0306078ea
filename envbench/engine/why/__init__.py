"""Why a package is not newer: solves of the same request without some of its lines."""
