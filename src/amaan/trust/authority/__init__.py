"""The lawful basis of searches and hot-list entries: asked by one person, approved by another."""
