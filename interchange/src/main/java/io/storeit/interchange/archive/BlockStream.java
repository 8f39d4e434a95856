package io.storeit.interchange.archive;

import java.io.IOException;
import java.io.InputStream;

/** Implements a stream that is read in blocks; reading one byte is reading a block of one. */
abstract class BlockStream extends InputStream {
    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public abstract int read(byte[] bytes, int offset, int length) throws IOException;
}
