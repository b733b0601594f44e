package org.lcsc.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a record with keys that it once had: the message that refuses one shows the new form. */
@Repeatable(MovedKey.All.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface MovedKey {

  /** The keys. */
  String[] keys();

  /**
   * The new form, with <code>{key}</code> and <code>{value}</code> as in the file, and <code>
   * {other|text}</code> for the scalar that stands at another key, or the text where none does.
   */
  String to();

  /** Several of them. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface All {

    /** In any order. */
    MovedKey[] value();
  }
}
