"""What developers and operators of a clone need beside the product."""
