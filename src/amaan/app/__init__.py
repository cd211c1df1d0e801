"""Command line, settings root and composition: the only place that picks engines and wires rooms."""
