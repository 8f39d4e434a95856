package io.storeit.interchange.digest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/** Holds a 256-bit sum and the number of rows in it. */
final class Sum {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private long rows;
    private long highest;
    private long high;
    private long low;
    private long lowest;

    long rows() {
        return rows;
    }

    void add(byte[] hash) {
        rows++;
        add((long) LONG.get(hash, 0), (long) LONG.get(hash, 8), (long) LONG.get(hash, 16), (long) LONG.get(hash, 24));
    }

    void add(Sum other) {
        rows += other.rows;
        add(other.highest, other.high, other.low, other.lowest);
    }

    Sum copy() {
        var copy = new Sum();
        copy.add(this);
        return copy;
    }

    private void add(long a, long b, long c, long d) {
        lowest += d;
        long carry = carry(lowest, d, 0);
        low += c + carry;
        carry = carry(low, c, carry);
        high += b + carry;
        carry = carry(high, b, carry);
        highest += a + carry;
    }

    /** Returns the carry out of an unsigned addition, given its result, one addend and the carry that went in. */
    private static long carry(long result, long addend, long carryIn) {
        int order = Long.compareUnsigned(result, addend);
        return order < 0 || order == 0 && carryIn == 1 ? 1 : 0;
    }

    String hex() {
        byte[] bytes = new byte[32];
        LONG.set(bytes, 0, highest);
        LONG.set(bytes, 8, high);
        LONG.set(bytes, 16, low);
        LONG.set(bytes, 24, lowest);
        return HexFormat.of().formatHex(bytes);
    }
}
