# Completion of storeit-ctl for fish. Made by make prepare.

# Prints the command on the command line; without one it fails.
function __storeit_ctl_command
    set -l value 0
    for word in (commandline -opc)[2..-1]
        if test $value = 1
            set value 0
            continue
        end
        switch $word
            case --binary --bind --data-dir --depth --file --find --for-version --java --keep-daily --keep-monthly --keep-weekly --limit --output --password-file --patience --release-keys --releases --server-url --to-schema --unit --username -o
                set value 1
            case '-*'
                continue
            case '*'
                echo $word
                return 0
        end
    end
    return 1
end

function __storeit_ctl_is
    set -l command (__storeit_ctl_command)
    and test $command = $argv[1]
end

function __storeit_ctl_archives
    __fish_complete_suffix .storeit | string match -r '.*(?:[.]storeit|[.]tar[.]gz|/)(?:\t.*)?$'
end

complete -c storeit-ctl -f
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a status -d 'Show what runs, how it is, what it can go back to, and what was interrupted.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a doctor -d 'Look for what keeps, or will keep, this installation from working, and name the command that puts it right. Ends with 0 when nothing has to be done, 1 after a warning, 4 when something is serious.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a releases -d 'Show which versions can be installed, and whether their schema is newer or older.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a config -d 'Show each setting and where its value came from. Secrets are not shown.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a backup -d 'Save everything into an archive, from the running server or, if it is stopped, from its files.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a upgrade -d 'Move to a newer version (default: the latest release).'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a downgrade -d 'Move to an older version; says first what it cannot hold.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a rollback -d 'Put back the binary and the database that the last upgrade or downgrade replaced.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a resume -d 'Finish what a crash or a power cut interrupted: ends on the complete old or the complete new version.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a cleanup -d 'Remove the files that only rollback needs. Safety backups stay.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a verify -d 'Read an archive to its end and check it: structure, counts, references, photos.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a show -d 'Show what is in an archive: how much, what lies where, or where something is.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a diff -d 'Tell what was added, changed and removed between two archives, or between an archive and now.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a convert -d 'Write an archive anew: in another schema version, for an older server, without photos.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a restore -d 'Put what an archive holds in the place of what is there, which is kept.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a install -d 'Put StoreIT on this machine, running and ready to log in (default: the latest release).'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a uninstall -d 'Take away what install has put on this machine. Data and settings stay unless told.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -a self-update -d 'Replace this storeit-ctl by that of another release (default: the latest).'
complete -c storeit-ctl -l binary -r -F -d 'The server\'s binary (default: the one that is running).'
complete -c storeit-ctl -l data-dir -r -f -a '(__fish_complete_directories (commandline -ct))' -d 'Where safety backups go (default: the folder of the database).'
complete -c storeit-ctl -s h -l help -d 'Show this help.'
complete -c storeit-ctl -l json -d 'Print the result, or the error, as one JSON object.'
complete -c storeit-ctl -l password-file -r -F -d 'File whose first line is that administrator\'s password; - is standard input. Without it the terminal asks.'
complete -c storeit-ctl -l patience -r -f -d 'How long a starting or stopping server, or a download, may show no progress (default: 20).'
complete -c storeit-ctl -s q -l quiet -d 'Tell nothing but results, warnings and errors.'
complete -c storeit-ctl -l release-keys -r -F -d 'Public keys that may sign releases, beside those this storeit-ctl brings along.'
complete -c storeit-ctl -l releases -r -f -a '(__fish_complete_directories (commandline -ct))' -d 'GitHub API address of the releases, or a folder with one sub-folder per tag.'
complete -c storeit-ctl -l server-url -r -f -d 'Where the server answers (default: http://localhost:8080).'
complete -c storeit-ctl -l unit -r -f -d 'The systemd unit of a server that does not run (default: the one it was last seen in, or storeit.service).'
complete -c storeit-ctl -l username -r -f -d 'Administrator to log in as at servers before 0.3.0.'
complete -c storeit-ctl -s v -l verbose -d 'Show the whole cause of an error.'
complete -c storeit-ctl -n 'not __storeit_ctl_command' -s V -l version -d 'Show the version of storeit-ctl.'
complete -c storeit-ctl -n '__storeit_ctl_is backup' -l allow-missing-images -d 'Save what is there although some photos have no file.'
complete -c storeit-ctl -n '__storeit_ctl_is backup' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is backup' -l keep-daily -r -f -d 'In that folder keep the newest backup of each of the last N days that have one,'
complete -c storeit-ctl -n '__storeit_ctl_is backup' -l keep-monthly -r -f -d 'of each of the last N months, and the newest; delete the others.'
complete -c storeit-ctl -n '__storeit_ctl_is backup' -l keep-weekly -r -f -d 'of each of the last N weeks,'
complete -c storeit-ctl -n '__storeit_ctl_is backup' -s o -l output -r -F -d 'The archive to write, a folder for a new one named by its time, or - for standard output (default: storeit-backup-<unix seconds>.storeit here).'
complete -c storeit-ctl -n '__storeit_ctl_is backup' -l verify -d 'Restore the backup into a scratch database too, and compare that with it.'
complete -c storeit-ctl -n '__storeit_ctl_is upgrade' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is upgrade' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is upgrade' -l check -d 'Only tell whether there is a newer release.'
complete -c storeit-ctl -n '__storeit_ctl_is upgrade' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is upgrade' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is downgrade' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is downgrade' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is downgrade' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is downgrade' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is rollback' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is rollback' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is rollback' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is rollback' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is resume' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is resume' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is resume' -l at-boot -d 'For the service unit, before it starts the server: only put the files right, of the database its environment names.'
complete -c storeit-ctl -n '__storeit_ctl_is resume' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is resume' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is cleanup' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is cleanup' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is cleanup' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is cleanup' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is verify' -f -a '(__storeit_ctl_archives)' -k
complete -c storeit-ctl -n '__storeit_ctl_is show' -l depth -r -f -d 'With --tree: go into places only so deep; 0 lists the outermost.'
complete -c storeit-ctl -n '__storeit_ctl_is show' -l find -r -f -d 'Look for TEXT in names, descriptions, aliases, keywords and categories, as the server\'s search does.'
complete -c storeit-ctl -n '__storeit_ctl_is show' -l limit -r -f -d 'With --find: show the best N (default: 20).'
complete -c storeit-ctl -n '__storeit_ctl_is show' -l tree -d 'List every place and what lies in it.'
complete -c storeit-ctl -n '__storeit_ctl_is show' -f -a '(__storeit_ctl_archives)' -k
complete -c storeit-ctl -n '__storeit_ctl_is diff' -l limit -r -f -d 'Name so many records of each kind that were added, changed or removed (default: 20); all are counted.'
complete -c storeit-ctl -n '__storeit_ctl_is diff' -f -a '(__storeit_ctl_archives)' -k
complete -c storeit-ctl -n '__storeit_ctl_is convert' -l accept-loss -d 'Accept that the older schema or server cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is convert' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is convert' -l for-version -r -f -d 'The server that shall read it, for example 0.2.1.'
complete -c storeit-ctl -n '__storeit_ctl_is convert' -s o -l output -r -F -d 'The archive to write.'
complete -c storeit-ctl -n '__storeit_ctl_is convert' -l to-schema -r -f -d 'Schema version of the new archive (default: that of the old one).'
complete -c storeit-ctl -n '__storeit_ctl_is convert' -l without-images -d 'Leave the photos out.'
complete -c storeit-ctl -n '__storeit_ctl_is convert' -s y -l yes -d 'Replace FILE if it exists.'
complete -c storeit-ctl -n '__storeit_ctl_is convert' -f -a '(__storeit_ctl_archives)' -k
complete -c storeit-ctl -n '__storeit_ctl_is restore' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is restore' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is restore' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is restore' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is restore' -f -a '(__storeit_ctl_archives)' -k
complete -c storeit-ctl -n '__storeit_ctl_is install' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is install' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is install' -l bind -r -f -d 'Where the server listens (default: 0.0.0.0:8080).'
complete -c storeit-ctl -n '__storeit_ctl_is install' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is install' -l java -r -F -d 'The Java the server runs with (default: one that its user can run).'
complete -c storeit-ctl -n '__storeit_ctl_is install' -l no-service -d 'Do not set up a service; show a line that starts the server.'
complete -c storeit-ctl -n '__storeit_ctl_is install' -l user -d 'For the calling user only, without root.'
complete -c storeit-ctl -n '__storeit_ctl_is install' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is uninstall' -l accept-loss -d 'Accept that the older version cannot hold some values.'
complete -c storeit-ctl -n '__storeit_ctl_is uninstall' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is uninstall' -l delete-data -d 'Delete the data, the backups and the settings too.'
complete -c storeit-ctl -n '__storeit_ctl_is uninstall' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is uninstall' -l user -d 'What was installed with --user.'
complete -c storeit-ctl -n '__storeit_ctl_is uninstall' -s y -l yes -d 'Answer yes to the questions this command may ask.'
complete -c storeit-ctl -n '__storeit_ctl_is self-update' -l allow-unsigned -d 'Accept a release whose signature cannot be checked.'
complete -c storeit-ctl -n '__storeit_ctl_is self-update' -s n -l dry-run -d 'Say what would be done, after the checks that change nothing, and do nothing.'
complete -c storeit-ctl -n '__storeit_ctl_is self-update' -l file -r -F -d 'The storeit-ctl to replace (default: the one that runs).'
