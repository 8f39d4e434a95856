# shellcheck shell=bash disable=SC2207 # bash 3.2 has no mapfile; IFS is a line feed where names of files come
# Completion of storeit-ctl for bash. Made by make prepare.

# What the value of an option of a command is.
_storeit_ctl_kind() {
  case $1 in
  *:--binary | *:--password-file | *:--release-keys | backup:-o | backup:--output | install:--java | self-update:--file) kind=file ;;
  *:--data-dir | *:--releases) kind=folder ;;
  *:--patience | *:--server-url | *:--unit | *:--username | backup:--keep-daily | backup:--keep-monthly | backup:--keep-weekly | install:--bind) kind=other ;;
  *) kind='' ;;
  esac
}

_storeit_ctl() {
  local IFS=$' \t\n' current=${COMP_WORDS[COMP_CWORD]} command='' kind='' options word
  COMPREPLY=()
  # "--option=value" is three words here.
  [ "$current" != = ] || current=''
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ "$word" != = ] || continue
    if [ -n "$kind" ]; then
      kind=''
      continue
    fi
    case $word in
    -*) _storeit_ctl_kind "$command:$word" ;;
    *) [ -n "$command" ] || command=$word ;;
    esac
  done
  if [ -z "$kind" ]; then
    case $command in
    status) options='--binary --data-dir --help --json --password-file --patience --release-keys --releases --server-url --unit --username --verbose' ;;
    backup) options='--allow-missing-images --binary --data-dir --help --keep-daily --keep-monthly --keep-weekly --output --password-file --patience --release-keys --releases --server-url --unit --username --verbose' ;;
    upgrade) options='--accept-loss --allow-unsigned --binary --check --data-dir --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose --yes' ;;
    downgrade) options='--accept-loss --allow-unsigned --binary --data-dir --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose --yes' ;;
    rollback) options='--accept-loss --allow-unsigned --binary --data-dir --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose --yes' ;;
    resume) options='--accept-loss --allow-unsigned --at-boot --binary --data-dir --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose --yes' ;;
    cleanup) options='--accept-loss --allow-unsigned --binary --data-dir --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose --yes' ;;
    verify) options='--binary --data-dir --help --json --password-file --patience --release-keys --releases --server-url --unit --username --verbose' ;;
    restore) options='--accept-loss --allow-unsigned --binary --data-dir --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose --yes' ;;
    install) options='--accept-loss --allow-unsigned --binary --bind --data-dir --help --java --no-service --password-file --patience --release-keys --releases --server-url --unit --user --username --verbose --yes' ;;
    uninstall) options='--accept-loss --allow-unsigned --binary --data-dir --delete-data --help --password-file --patience --release-keys --releases --server-url --unit --user --username --verbose --yes' ;;
    self-update) options='--allow-unsigned --binary --data-dir --file --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose' ;;
    *) options='--binary --data-dir --help --password-file --patience --release-keys --releases --server-url --unit --username --verbose --version' ;;
    esac
    case $command:$current in
    *:-*)
      COMPREPLY=($(compgen -W "$options" -- "$current"))
      return
      ;;
    :*)
      COMPREPLY=($(compgen -W 'status backup upgrade downgrade rollback resume cleanup verify restore install uninstall self-update' -- "$current"))
      return
      ;;
    esac
    case $command in
    verify) kind=archive ;;
    restore) kind=archive ;;
    esac
  fi
  IFS=$'\n'
  case $kind in
  file) COMPREPLY=($(compgen -f -- "$current")) ;;
  folder) COMPREPLY=($(compgen -d -- "$current")) ;;
  archive) COMPREPLY=($(compgen -d -- "$current"; compgen -f -X '!*.storeit' -- "$current"; compgen -f -X '!*.tar.gz' -- "$current")) ;;
  *) return ;;
  esac
  compopt -o filenames 2> /dev/null
}

complete -F _storeit_ctl storeit-ctl
