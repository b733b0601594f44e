package org.lcsc.config;

import org.lcsc.io.Refuse;

/**
 * The settings of one kind of a configurable part, such as a search strategy or a sampler. A family
 * of parts is an interface that extends this one and says what its settings make; every kind is a
 * public record that implements it:
 *
 * <pre>{@code
 * public interface Storage extends Part {
 *   CheckpointStorage create(...);
 * }
 *
 * @Kind("mapped")
 * public record Mapped(int pages) implements Storage {
 *   public Mapped() {
 *     this(16);                                // the defaults, said once
 *   }
 *
 *   public Mapped {
 *     Require.atLeast("pages", pages, 1);      // the ranges, said once
 *   }
 *   ...
 * }
 * }</pre>
 *
 * <p>A line with the record's name in {@code META-INF/services/}<i>family</i> of any jar makes it
 * known, see {@link Parts}. A record component whose type is a family is then read from {@code
 * storage: mapped}, a kind with its defaults, or {@code storage: { kind: mapped, pages: 32 }}; a
 * component that the public constructor without parameters leaves null is required, unless it is
 * marked {@link OptionalKey}.
 */
public interface Part {

  /** The name of the kind in a file, that of {@link Kind}. */
  default String kind() {
    Kind kind = getClass().getAnnotation(Kind.class);
    Refuse.state(kind == null, "%s has no @Kind", getClass());
    return kind.value();
  }
}
