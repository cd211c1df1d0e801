"""A real RTSP server (Debian's gst-rtsp-server); run by the distribution's own Python.

Usage: rtsp_server.py [--port N] [--user NAME --password-env VARIABLE] LAUNCH
LAUNCH is a GStreamer pipeline whose payloader is named pay0; every client gets one of its own.
Prints the port once it listens, serves /test, ends with its standard input.
"""

import argparse
import importlib
import os
import sys
import threading

gi = importlib.import_module("gi")  # there are no types for it, and only Debian's Python has it
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
GLib = importlib.import_module("gi.repository.GLib")
Gst = importlib.import_module("gi.repository.Gst")
GstRtspServer = importlib.import_module("gi.repository.GstRtspServer")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="0")
    parser.add_argument("--user")
    parser.add_argument("--password-env")
    parser.add_argument("launch")
    options = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {options.launch} )")
    if options.user:
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(2)  # GST_RTSP_AUTH_DIGEST
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        auth.add_digest(options.user, os.environ[options.password_env], token)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/test", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


main()
