"""What stands at a site besides cameras: power, doors, tamper switches, links, disks."""
