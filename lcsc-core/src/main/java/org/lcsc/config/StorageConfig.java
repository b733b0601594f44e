package org.lcsc.config;

/**
 * Section {@code lcsc.storage}: where and how precisely the window keeps its checkpoints.
 *
 * @param kind where; default {@link Kind#MEMORY}
 * @param dataType how precisely; default {@link Precision#FLOAT32}. The 16-bit types halve memory
 *     and reading time; merging accumulates in float32 whatever the type.
 */
public record StorageConfig(@OptionalKey Kind kind, @OptionalKey Precision dataType) {

  /** In memory, in float32. */
  public static final StorageConfig DEFAULT = new StorageConfig(null, null);

  /** Fills in the defaults. */
  public StorageConfig {
    kind = kind == null ? Kind.MEMORY : kind;
    dataType = dataType == null ? Precision.FLOAT32 : dataType;
  }

  /** Places a window can live in. */
  public enum Kind {
    /** Off-heap memory. */
    MEMORY,
    /** A memory-mapped file in the run directory, for windows larger than memory. */
    MAPPED
  }

  /** Number formats of stored checkpoints. */
  public enum Precision {
    /** 4 bytes per parameter, exact. */
    FLOAT32(4),
    /** 2 bytes, float32's range with 8 bits of precision. */
    BFLOAT16(2),
    /** 2 bytes, 11 bits of precision, largest value 65,504. */
    FLOAT16(2);

    private final int bytes;

    Precision(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes per parameter. */
    public int bytes() {
      return bytes;
    }
  }
}
