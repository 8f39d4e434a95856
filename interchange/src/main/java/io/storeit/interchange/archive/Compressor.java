package io.storeit.interchange.archive;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/**
 * Writes zstd into a file, with checksums. {@link #flush} ends a frame, so that complete frames can be copied from file to file: a zstd
 * file may consist of any number of them. In one thread: frames of single images are too short for more of them to be worth 60 MB of
 * memory.
 */
final class Compressor extends OutputStream {

    private static final int LEVEL = 3;
    private static final int BUFFER = 1 << 20;

    private final ZstdOutputStreamNoFinalizer zstd;
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
        zstd.write(bytes, offset, length);
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
