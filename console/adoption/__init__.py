"""Taking over what stands in a tenant already: an export of it, matched with what a stack would make."""
