package io.storeit.ctl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The files by which bash, zsh and fish complete the words of storeit-ctl, made of its command line's model. picocli's own generator knows
 * bash only, and gives no descriptions.
 */
final class Completions {
    private final CommandSpec root;
    private final List<CommandSpec> commands;

    Completions(CommandSpec root) {
        this.root = root;
        this.commands = Value.subcommands(root);
    }

    // ---- bash: also 3.2, which macOS has, and without the package bash-completion

    String bash() {
        var options = new StringBuilder();
        var arguments = new StringBuilder();
        for (CommandSpec command : commands) {
            options.append("    ").append(command.name()).append(") options='").append(names(Value.own(command))).append("' ;;\n");
            Value.ofArguments(command).filter(value -> value != Value.OTHER)
                    .ifPresent(value -> arguments.append("    ").append(command.name()).append(") kind='").append(kind(value)).append("' ;;\n"));
        }
        return """
                # shellcheck shell=bash disable=SC2207 # bash 3.2 has no mapfile; IFS is a line feed where names of files come
                # Completion of storeit-ctl for bash. Made by make prepare.

                # What the value of an option of a command is.
                _storeit_ctl_kind() {
                  case $1 in
                %s  *) kind='' ;;
                  esac
                }

                _storeit_ctl() {
                  local IFS=$' \\t\\n' current=${COMP_WORDS[COMP_CWORD]} command='' kind='' options='' word
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
                %s    '') options='%s' ;;
                    esac
                    case $command:$current in
                    *:-*)
                      COMPREPLY=($(compgen -W "$options %s" -- "$current"))
                      return
                      ;;
                    :*)
                      COMPREPLY=($(compgen -W '%s' -- "$current"))
                      return
                      ;;
                    esac
                    case $command in
                %s    esac
                  fi
                  IFS=$'\\n'
                  case $kind in
                  file) COMPREPLY=($(compgen -f -- "$current")) ;;
                  folder) COMPREPLY=($(compgen -d -- "$current")) ;;
                  archive) COMPREPLY=($(compgen -d -- "$current"; compgen -f -X '!*.storeit' -- "$current"; compgen -f -X '!*.tar.gz' -- "$current")) ;;
                  *) return ;;
                  esac
                  compopt -o filenames 2> /dev/null
                }

                complete -F _storeit_ctl storeit-ctl
                """.formatted(kinds(), options, names(Value.own(root)), names(Value.everywhere(root)), commands.stream().map(CommandSpec::name).collect(Collectors.joining(" ")), arguments);
    }

    private static String names(List<OptionSpec> options) {
        return options.stream().flatMap(option -> Stream.of(option.names())).filter(name -> name.startsWith("--")).collect(Collectors.joining(" "));
    }

    private static String kind(Value value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Patterns COMMAND:OPTION for every option that takes a value; an option of all commands needs one only. */
    private String kinds() {
        var patterns = new LinkedHashMap<Value, List<String>>();
        collect(patterns, "*", Value.options(root));
        for (CommandSpec command : commands) {
            collect(patterns, command.name(), Value.own(command));
        }
        var text = new StringBuilder();
        patterns.forEach((value, names) -> text.append("  ").append(String.join(" | ", names)).append(") kind='").append(kind(value)).append("' ;;\n"));
        return text.toString();
    }

    private static void collect(Map<Value, List<String>> patterns, String command, List<OptionSpec> options) {
        for (OptionSpec option : options) {
            if (Value.takesValue(option)) {
                for (String name : option.names()) {
                    patterns.computeIfAbsent(Value.of(option), unused -> new ArrayList<>()).add(command + ":" + name);
                }
            }
        }
    }

    // ---- zsh

    String zsh() {
        var text = new StringBuilder("""
                #compdef storeit-ctl
                # Completion of storeit-ctl for zsh. Made by make prepare.

                _storeit-ctl() {
                  local curcontext=$curcontext state line ret=1
                  local -a everywhere commands
                  everywhere=(
                """);
        Value.everywhere(root).forEach(option -> text.append("    ").append(zsh(option)).append('\n'));
        text.append("  )\n  commands=(\n");
        for (CommandSpec command : commands) {
            text.append("    ").append(quoted(command.name() + ":" + Value.description(command))).append('\n');
        }
        text.append("  )\n  _arguments -C -A '-*' $everywhere");
        Value.own(root).forEach(option -> text.append(" \\\n    ").append(zsh(option)));
        text.append("""
                 \\
                    '1: :->command' '*:: :->arguments' && ret=0
                  case $state in
                  command) _describe -t commands command commands && ret=0 ;;
                  arguments)
                    curcontext=${curcontext%:*:*}:storeit-ctl-$words[1]:
                    case $words[1] in
                """);
        for (CommandSpec command : commands) {
            text.append("    ").append(command.name()).append(")\n      _arguments $everywhere");
            Value.own(command).forEach(option -> text.append(" \\\n        ").append(zsh(option)));
            // An argument that has nothing to choose from would only show its name, which keeps zsh from putting an option in.
            command.positionalParameters().stream().filter(argument -> Value.of(argument) != Value.OTHER).forEach(argument -> text.append(" \\\n        ")
                    .append(quoted((argument.arity().max() > 1 ? "*" : argument.index().min() + 1) + ":" + argument.paramLabel() + ":" + action(Value.of(argument)))));
            text.append(" && ret=0\n      ;;\n");
        }
        return text.append("    esac\n    ;;\n  esac\n  return ret\n}\n\n_storeit-ctl \"$@\"\n").toString();
    }

    private static String zsh(OptionSpec option) {
        String text = "[" + Value.description(option).replaceAll("([\\[\\]:\\\\])", "\\\\$1") + "]"
                + (Value.takesValue(option) ? ":" + option.paramLabel() + ":" + action(Value.of(option)) : "");
        var names = Stream.of(option.names()).map(name -> name + (!Value.takesValue(option) ? "" : name.startsWith("--") ? "=" : "+")).toList();
        if (names.size() == 1) {
            return quoted(names.get(0) + text);
        }
        return quoted("(" + String.join(" ", option.names()) + ")") + "{" + String.join(",", names) + "}" + quoted(text);
    }

    private static String action(Value value) {
        return switch (value) {
            case OTHER -> " ";
            case FILE -> "_files";
            case FOLDER -> "_files -/";
            case ARCHIVE -> "_files -g \"*.(storeit|tar.gz)\"";
        };
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    // ---- fish

    String fish() {
        var text = new StringBuilder("""
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
                            case %s
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
                    __fish_complete_suffix .storeit | string match -r '.*(?:[.]storeit|[.]tar[.]gz|/)(?:\\t.*)?$'
                end

                complete -c storeit-ctl -f
                """.formatted(commands.stream().flatMap(command -> Value.options(command).stream()).filter(Value::takesValue)
                .flatMap(option -> Stream.of(option.names())).distinct().sorted().collect(Collectors.joining(" "))));
        for (CommandSpec command : commands) {
            text.append("complete -c storeit-ctl -n 'not __storeit_ctl_command' -a ").append(command.name()).append(" -d ")
                    .append(fishQuoted(Value.description(command))).append('\n');
        }
        Value.everywhere(root).forEach(option -> text.append("complete -c storeit-ctl").append(fish(option)).append('\n'));
        Value.own(root).forEach(option -> text.append("complete -c storeit-ctl -n 'not __storeit_ctl_command'").append(fish(option)).append('\n'));
        for (CommandSpec command : commands) {
            String start = "complete -c storeit-ctl -n '__storeit_ctl_is " + command.name() + "'";
            Value.own(command).forEach(option -> text.append(start).append(fish(option)).append('\n'));
            Value.ofArguments(command).filter(value -> value != Value.OTHER).ifPresent(value -> text.append(start).append(fish(value)).append('\n'));
        }
        return text.toString();
    }

    private static String fish(OptionSpec option) {
        var text = new StringBuilder();
        for (String name : option.names()) {
            text.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^-+", ""));
        }
        if (Value.takesValue(option)) {
            text.append(" -r").append(fish(Value.of(option)));
        }
        return text.append(" -d ").append(fishQuoted(Value.description(option))).toString();
    }

    private static String fish(Value value) {
        return switch (value) {
            case OTHER -> " -f";
            case FILE -> " -F";
            case FOLDER -> " -f -a '(__fish_complete_directories (commandline -ct))'";
            case ARCHIVE -> " -f -a '(__storeit_ctl_archives)' -k";
        };
    }

    private static String fishQuoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
