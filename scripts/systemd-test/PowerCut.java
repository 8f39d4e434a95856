import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Kills a process, the init of a container here, in the very moment in which an operation of storeit-ctl enters a step: some steps
 * take a few milliseconds, so no shell would be in time.
 *
 * <pre>java PowerCut.java JOURNAL STEP PID</pre>
 *
 * Says "ready" once it watches; ends with 1 when the operation ended without being met in that step, or the process did.
 */
final class PowerCut {
    public static void main(String[] arguments) throws IOException {
        Path journal = Path.of(arguments[0]);
        String step = "\"step\" : \"" + arguments[1] + "\"";
        ProcessHandle machine = ProcessHandle.of(Long.parseLong(arguments[2])).orElseThrow();
        String before = read(journal);
        System.out.println("ready");
        while (machine.isAlive()) {
            String now = read(journal);
            if (now.equals(before)) continue;
            if (now.contains(step) && (now.contains("\"state\" : \"preparing\"") || now.contains("\"state\" : \"running\""))) {
                machine.destroyForcibly();
                return;
            }
            if (now.contains("\"state\" : \"committed\"") || now.contains("\"state\" : \"undone\"")) break;
        }
        System.exit(1);
    }

    private static String read(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : "";
    }
}
