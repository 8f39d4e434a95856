package io.storeit.ops.installation;

import io.storeit.interchange.sqlite.DatabaseFiles;
import io.storeit.interchange.sqlite.Holders;
import io.storeit.interchange.sqlite.Locks;
import io.storeit.ops.base.Exit;
import io.storeit.ops.base.LocalTime;
import io.storeit.ops.base.OpsException;
import io.storeit.ops.process.ServerProcess;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/** Describes the storeit-ctl that holds the operation lock of an installation. */
public final class RunningOperation {
    private RunningOperation() {}

    /** Takes the operation lock, or says which command has it. */
    public static Locks.Held lock(Path database) {
        return Locks.tryOperation(database).orElseThrow(() -> busy(database));
    }

    /** Returns a refusal that names the running command. It cannot name a process of another user, unless this user is root. */
    public static OpsException busy(Path database) {
        List<Long> holders = Holders.others(DatabaseFiles.operationLock(database));
        String holder = holders.stream().findFirst().map(RunningOperation::described).orElse("Another storeit-ctl");
        return new OpsException(Exit.BUSY, holder + " is running on this installation", "Wait until it ends.");
    }

    private static String described(long process) {
        String since = ProcessHandle.of(process).flatMap(found -> found.info().startInstant())
                .map(start -> ", since " + LocalTime.ofDay(start, Clock.systemDefaultZone())).orElse("");
        try {
            return command(ServerProcess.of(process).arguments()) + " (process " + process + since + ")";
        } catch (OpsException ended) {
            return "Another storeit-ctl";
        }
    }

    /** Returns the command that a process runs. @param arguments of its Java */
    static String command(List<String> arguments) {
        int jar = arguments.indexOf("-jar");
        int program = jar >= 0 ? jar + 1 : arguments.indexOf("StoreitCtl");
        return "storeit-ctl" + arguments.stream().skip(program + 1).filter(argument -> program >= 0 && !argument.startsWith("-")).findFirst()
                .map(command -> " " + command).orElse("");
    }
}
