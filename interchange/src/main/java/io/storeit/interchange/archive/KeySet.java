package io.storeit.interchange.archive;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Remembers which image keys or ids were seen, in 8 to 16 bytes each instead of the 150 of a set of texts.
 *
 * <p>Two different texts could in theory be taken for one: among a million, once in thirty million archives. The harm would be an
 * archive that is refused, or put in an order that an old server refuses; nothing worse.
 */
public final class KeySet {

    /** Differs in each process, so that no archive can contain names that all land in one slot. */
    private final long seed = ThreadLocalRandom.current().nextLong();
    private long[] slots = new long[1024];
    private int size;

    /** Remembers a key. Returns false when the key was already there. */
    public boolean add(String key) {
        long hash = hash(key);
        if (2 * (size + 1) > slots.length) {
            grow();
        }
        if (!insert(slots, hash)) {
            return false;
        }
        size++;
        return true;
    }

    /** Returns whether a key was added before. */
    public boolean contains(String key) {
        long hash = hash(key);
        int mask = slots.length - 1;
        for (int slot = (int) hash & mask; slots[slot] != 0; slot = slot + 1 & mask) {
            if (slots[slot] == hash) {
                return true;
            }
        }
        return false;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[Math.multiplyExact(old.length, 2)];
        Arrays.stream(old).filter(hash -> hash != 0).forEach(hash -> insert(slots, hash));
    }

    private static boolean insert(long[] slots, long hash) {
        int mask = slots.length - 1;
        int slot = (int) hash & mask;
        while (slots[slot] != 0) {
            if (slots[slot] == hash) {
                return false;
            }
            slot = slot + 1 & mask;
        }
        slots[slot] = hash;
        return true;
    }

    /** Computes FNV-1a over the characters, then mixes so that all bits depend on all; never 0, which marks a free slot. */
    private long hash(String key) {
        long hash = seed;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 32;
        hash *= 0x9e3779b97f4a7c15L;
        hash ^= hash >>> 29;
        return hash == 0 ? 1 : hash;
    }
}
