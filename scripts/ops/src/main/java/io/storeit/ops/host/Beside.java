package io.storeit.ops.host;

import io.storeit.ops.base.Exit;
import io.storeit.ops.base.OpsException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Work that goes on beside the rest; it keeps no program from ending. */
public final class Beside<T> {
    private final FutureTask<T> task;

    public Beside(Callable<T> work) {
        task = new FutureTask<>(work);
        var thread = new Thread(task, "beside");
        thread.setDaemon(true);
        thread.start();
    }

    public T get() {
        return get(Duration.ofDays(1)).orElseThrow();
    }

    /** @return empty when it takes longer */
    public Optional<T> get(Duration limit) {
        try {
            return Optional.of(task.get(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException late) {
            return Optional.empty();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            throw new OpsException(Exit.INTERRUPTED, "Interrupted", "", interrupted);
        }
    }
}
