"""What stands where: sites and cameras."""
