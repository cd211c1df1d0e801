"""ONVIF: finding cameras, asking what they are, configuring and steering them.

Spoken by workers, as only a site's network reaches its cameras. Nothing that a camera says is
believed: where its answers point is looked at, and its XML is read within limits.
"""
