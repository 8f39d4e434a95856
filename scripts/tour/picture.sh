#!/bin/sh
# Draws the picture in README.md, a part of what scripts/tour.sh recorded.
set -eu
cd "$(dirname -- "$0")/../.."
. scripts/java-check.sh
"${java_bin}java" scripts/tour/Picture.java docs/tour.md "${1:-docs/images/upgrade.svg}" 'storeit-ctl upgrade --releases /media/next' 'storeit-ctl rollback'
