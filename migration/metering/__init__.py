"""What resources of a stack would cost in a month, and of which nobody here can tell."""
