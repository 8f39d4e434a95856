package io.storeit.interchange.archive;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/**
 * zstd into a file, with checksums. {@link #flush} ends a frame, so that complete frames can be copied from file to file: a zstd file may
 * consist of any number of them.
 */
final class Compressor extends OutputStream {

    private static final int LEVEL = 3;
    private static final int BUFFER = 1 << 20;

    /** Uncompressed bytes after which further threads compress: they cost 60 MB of memory and time to start. */
    private static final long WORKERS_FROM = 32L << 20;
    private static final int WORKERS = Math.min(2, Runtime.getRuntime().availableProcessors());

    private final ZstdOutputStreamNoFinalizer zstd;
    private long written;
    private boolean workers;
    private boolean closed;

    Compressor(FileChannel file) throws IOException {
        // Flushing zstd flushes the buffer below it too.
        zstd = new ZstdOutputStreamNoFinalizer(
                new BufferedOutputStream(Channels.newOutputStream(file), BUFFER), RecyclingBufferPool.INSTANCE, LEVEL)
                .setChecksum(true)
                .setCloseFrameOnFlush(true);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (!workers && WORKERS > 1 && written > WORKERS_FROM) {
            zstd.flush(); // The number of threads can only change between frames.
            zstd.setWorkers(WORKERS);
            workers = true;
        }
        zstd.write(bytes, offset, length);
        written += length;
    }

    /** Ends the frame and hands everything to the file. */
    @Override
    public void flush() throws IOException {
        zstd.flush();
    }

    /** Ends the frame and frees the memory; the file stays open. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            zstd.flush();
        } finally {
            zstd.closeWithoutClosingParentStream();
        }
    }
}
