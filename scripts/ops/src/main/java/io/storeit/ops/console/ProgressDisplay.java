package io.storeit.ops.console;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows the progress of an operation. */
interface ProgressDisplay {
    void show(long done, long total);

    void close();

    /** Shows a bar on a terminal, with rate and time left, and removes it when it is closed. */
    final class Bar implements ProgressDisplay {
        private final ProgressBar bar;

        Bar(PrintWriter stream, int width, String name, long total, String unit) {
            bar = ProgressBar.builder().setTaskName(name).setInitialMax(total).setUnit(" " + unit, 1).showSpeed()
                    .setUpdateIntervalMillis(100).setStyle(ProgressBarStyle.ASCII).clearDisplayOnFinish()
                    .setConsumer(new TerminalLine(stream, width)).build();
        }

        @Override
        public void show(long done, long total) {
            bar.maxHint(total).stepTo(done);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    /** Overwrites one line of a terminal. */
    final class TerminalLine implements ProgressBarConsumer {
        private final PrintWriter stream;
        private final int width;

        TerminalLine(PrintWriter stream, int width) {
            this.stream = stream;
            this.width = width;
        }

        @Override
        public int getMaxRenderedLength() {
            return width - 1;
        }

        @Override
        public void accept(String rendered) {
            stream.print("\r" + rendered + "\u001b[K");
            stream.flush();
        }

        @Override
        public void clear() {
            stream.print("\r\u001b[K");
            stream.flush();
        }

        @Override
        public void close() {
            clear();
        }
    }

    /** Prints a whole line every ten seconds, for logs. */
    final class Lines implements ProgressDisplay {
        private static final Duration INTERVAL = Duration.ofSeconds(10);

        private final Consumer<String> log;
        private final String name;
        private final String unit;
        private final LongSupplier nanoTime;
        private final long start;
        private long shown;

        Lines(Consumer<String> log, String name, String unit, LongSupplier nanoTime) {
            this.log = log;
            this.name = name;
            this.unit = unit;
            this.nanoTime = nanoTime;
            start = nanoTime.getAsLong();
            shown = start;
        }

        @Override
        public void show(long done, long total) {
            long now = nanoTime.getAsLong();
            if (done <= 0 || now - shown < INTERVAL.toNanos()) return;
            shown = now;
            double seconds = (now - start) / 1e9;
            log.accept(String.format(Locale.ROOT, "  %s: %d of %d %s (%d %%), %.0f %s/s, about %.0f s left", name, done, total, unit, 100 * done / total,
                    done / seconds, unit, (total - done) * seconds / done));
        }

        @Override
        public void close() {}
    }
}
