# SPDX-License-Identifier: BSD-2-Clause
# Samba with all its places below $T: `load ../lib/samba` after common.
# shellcheck shell=bash disable=SC2154

# samba_conf: a configuration for `net`, which needs no server; our tools find it in $VSS_SMB_CONF.
samba_conf() {
	requires_root
	requires net
	mkdir -p "$T/samba"/{state,run,private,shares}
	chmod 1770 "$T/samba/shares"
	samba_port=$((20000 + RANDOM % 20000))
	export VSS_SMB_CONF=$T/samba/smb.conf
	cat >"$VSS_SMB_CONF" <<-END
		[global]
		  server role = standalone server
		  lock directory = $T/samba/state
		  state directory = $T/samba/state
		  cache directory = $T/samba/state
		  pid directory = $T/samba/run
		  private dir = $T/samba/private
		  ncalrpc dir = $T/samba/run/ncalrpc
		  usershare path = $T/samba/shares
		  usershare max shares = 10
		  map to guest = Bad User
		  guest account = nobody
		  smb ports = $samba_port
		  interfaces = lo
		  bind interfaces only = yes
		  disable netbios = yes
		  load printers = no
		  log file = $T/samba/log
	END
}

# samba_share NAME PATH [LINE]...: a share for guests.
samba_share() {
	printf '[%s]\n  path = %s\n  guest ok = yes\n  read only = yes\n' "$1" "$2" >>"$VSS_SMB_CONF"
	shift 2
	printf '  %s\n' "$@" >>"$VSS_SMB_CONF"
}

# samba_start: the server, in the background and in a process group of its own: at its end it signals all of the group.
samba_start() {
	requires smbd smbclient
	smbd -F --debug-stdout -s "$VSS_SMB_CONF" >"$T/samba/out" 2>&1 </dev/null 3>&- &
	samba_pid=$!
	wait_until 20 smb -L //127.0.0.1
}

samba_stop() {
	[ -n "${samba_pid:-}" ] || return 0
	kill "$samba_pid" 2>/dev/null || :
	wait "$samba_pid" 2>/dev/null || :
	samba_pid=
	pkill -f "configfile=$VSS_SMB_CONF" || : # its helpers are in sessions of their own
}

# smb ARGUMENT...: as a guest.
smb() { smbclient -s "$VSS_SMB_CONF" -p "$samba_port" -N "$@" 2>&1; }
