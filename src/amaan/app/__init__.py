"""Command line, settings root, composition: only here engines are picked and rooms wired."""
