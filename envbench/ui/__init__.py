"""The screen: one Textual workbench; state flows down, messages flow up, no rule of the business."""
