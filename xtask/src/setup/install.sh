# Installs the packages named as arguments. Run by root.
# Services of the new packages are kept from starting now (policy-rc.d) and at the next boot (update-rc.d).
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get --quiet --option DPkg::Lock::Timeout=300 update ||
    echo "set-up: some package lists are old; trying with what is here"
apt-get --quiet --option DPkg::Lock::Timeout=300 install --yes --no-remove --no-install-recommends "$@"
for package in "$@"; do
    case $package in
    ejabberd | prosody) update-rc.d "$package" disable || true ;;
    esac
done
