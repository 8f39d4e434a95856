package io.storeit.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run of a program, or of several joined by pipes, to its end.
 *
 * @param seconds   from the start of the first to the end of the last
 * @param peakBytes the most memory any one of them had resident: the kernel's own high-water mark, last read within 5 ms of the end
 */
record Run(double seconds, long peakBytes) {

    private static final long READ_EVERY_MS = 5;
    private static final int LONGEST_MINUTES = 10;

    /**
     * Writes dirty pages of earlier runs to disk first, so that nobody pays for another's. What the last program prints goes to {@code log}
     * unless its builder sends it elsewhere.
     *
     * @throws BenchException if one of them ends with another code than 0; the message has the end of the log
     */
    static Run of(Path log, ProcessBuilder... pipeline) throws IOException, InterruptedException {
        new ProcessBuilder("sync").start().waitFor();
        for (ProcessBuilder builder : pipeline) {
            builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        }
        ProcessBuilder last = pipeline[pipeline.length - 1];
        if (last.redirectOutput() == ProcessBuilder.Redirect.PIPE) {
            last.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        }
        long start = System.nanoTime();
        List<Process> processes = ProcessBuilder.startPipeline(List.of(pipeline));
        processes.get(0).getOutputStream().close();
        long peak = 0;
        for (Process process : processes) {
            while (!process.waitFor(READ_EVERY_MS, TimeUnit.MILLISECONDS)) {
                for (Process any : processes) {
                    peak = Math.max(peak, residentPeak(any.pid()));
                }
                if (System.nanoTime() - start > TimeUnit.MINUTES.toNanos(LONGEST_MINUTES)) {
                    processes.forEach(Process::destroyForcibly);
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        for (int i = 0; i < pipeline.length; i++) {
            int code = processes.get(i).exitValue();
            if (code != 0) {
                throw new BenchException(String.join(" ", pipeline[i].command()) + " ended with " + code + ":\n" + end(log));
            }
        }
        return new Run(seconds, peak);
    }

    /** The end of a log, for a message. */
    static String end(Path log) throws IOException {
        List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }

    /** The high-water mark of a process's resident memory in bytes, 0 where it cannot be read. */
    static long residentPeak(long pid) {
        return status(pid, "VmHWM:");
    }

    /** What of a process is resident now, in bytes, 0 where it cannot be read. */
    static long resident(long pid) {
        return status(pid, "VmRSS:");
    }

    private static long status(long pid, String name) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status"))) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException e) {
            return 0; // ended meanwhile, or not Linux
        }
    }
}
