#!/bin/sh
# Xiangqi GPT in one file. The first start unpacks what follows this script into the user's cache folder; later ones find
# it there. XIANGQI_GPT_UNPACKED names another folder.
set -eu
name=@NAME@
skip=@SKIP@
cache=${XIANGQI_GPT_UNPACKED:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/xiangqi-gpt}
XIANGQI_GPT_FILE=$(readlink -f "$0")
export XIANGQI_GPT_FILE

# Kernels come compiled for processors with AVX2 and for all others.
if [ -z "${XIANGQI_GPT_KERNELS:-}" ]; then
  XIANGQI_GPT_KERNELS=@GENERIC@
  if grep -m1 '^flags' /proc/cpuinfo 2>/dev/null | grep -w avx2 | grep -w fma | grep -qw bmi2; then
    XIANGQI_GPT_KERNELS=@AVX2@
  fi
  export XIANGQI_GPT_KERNELS
fi

unpack() { # into the folder $1, which appears complete or not at all
  part=$(mktemp -d "$1.part-XXXXXX") || return 1
  trap 'rm -rf "$part"' EXIT
  trap 'exit 1' HUP INT TERM
  # of what tar says, a line for each file on a full disk, the first line is enough
  said=$({ tail -c +"$skip" "$XIANGQI_GPT_FILE" | tar -xzf - -C "$part" || echo failed; } 2>&1 | sed -n '1p;$p')
  case $said in
    *failed)
      why=$(printf '%s\n' "$said" | head -n 1)
      echo "xiangqi-gpt: cannot unpack into $1: is the disk full, or the file cut? ($why)" >&2
      exit 2 ;;
  esac
  chmod 755 "$part"
  mv -T "$part" "$1" 2>/dev/null || { rm -rf "$part"; [ -x "$1/xiangqi-gpt" ]; } # another start may have been first
}

if [ ! -x "$cache/$name/xiangqi-gpt" ]; then
  if mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ]; then
    [ -t 2 ] && echo "xiangqi-gpt: unpacking into $cache/$name, at the first start only ..." >&2
    unpack "$cache/$name"
    # versions that nobody has started for a month
    find "$cache" -maxdepth 1 -name 'app-*' ! -name "$name" -mtime +30 -exec rm -rf {} + 2>/dev/null || true
  else # a home that cannot be written: for this start alone
    echo "xiangqi-gpt: $cache cannot be written: unpacked for this start alone; games and settings may not be kept" >&2
    cache=$(mktemp -d "${TMPDIR:-/tmp}/xiangqi-gpt-XXXXXX")
    unpack "$cache/$name"
    trap 'rm -rf "$cache"' EXIT
    "$cache/$name/xiangqi-gpt" "$@" && exit 0 || exit $?
  fi
fi
trap - EXIT
touch "$cache/$name" 2>/dev/null || true
exec "$cache/$name/xiangqi-gpt" "$@"
