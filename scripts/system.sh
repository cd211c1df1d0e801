#!/usr/bin/env bash
# What only the distribution has. Installs it where it is absent; says what to do where it may not.
set -euo pipefail

need() { # need WHAT FOR PACKAGE...
  local what=$1 why=$2
  shift 2
  local run=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then run=(sudo -n); else
      echo "$what is absent ($why). Please run: sudo apt-get install $*" >&2
      return 1
    fi
  fi
  command -v apt-get >/dev/null || { echo "$what is absent ($why) and apt-get too: install $*" >&2; return 1; }
  echo "installing $what ($why): $*"
  export DEBIAN_FRONTEND=noninteractive
  "${run[@]}" apt-get update -qq
  "${run[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

case "${1:-}" in
  venv) need "Python's venv" "to make .venv" python3-venv ;;
  test)
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
      need "Chromium" "for the browser tests" chromium fonts-noto-core
    /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null ||
      need "GStreamer's RTSP server" "a camera that is not our own, for the tests" python3-gi \
        gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
        gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
    command -v ffmpeg >/dev/null || need "ffmpeg" "films for the tests, and a peer to be measured against" ffmpeg
    [ -x /usr/sbin/mosquitto ] || command -v mosquitto >/dev/null ||
      need "mosquitto" "an MQTT broker for the tests" mosquitto
    ;;
  bench)
    "$0" test
    command -v motion >/dev/null || need "motion" "a peer to be measured against" motion
    ;;
  *) echo "usage: scripts/system.sh venv|test|bench" >&2; exit 2 ;;
esac
