"""What deserves attention: raised, acknowledged, confirmed or rejected by a person."""
