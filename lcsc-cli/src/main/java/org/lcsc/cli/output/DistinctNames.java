package org.lcsc.cli.output;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Names of files, each given once: one that is taken has a number after it, {@code name-2}. Not
 * thread-safe.
 */
public final class DistinctNames {

  /** In lower case: some file systems know no other. */
  private final Set<String> taken = new HashSet<>();

  /**
   * Names.
   *
   * @param reserved given to nothing
   */
  public DistinctNames(String... reserved) {
    List.of(reserved).forEach(this::of);
  }

  /** The name, or the first with a number after it that is not taken. */
  public String of(String name) {
    String distinct = name;
    for (int number = 2; !taken.add(distinct.toLowerCase(Locale.ROOT)); number++) {
      distinct = name + "-" + number;
    }
    return distinct;
  }
}
