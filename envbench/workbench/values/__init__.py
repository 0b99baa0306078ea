"""Values that the workbench gives and takes, cheap to import for those who only show them."""
