package org.lcsc.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record component of a family of {@link Part}s in whose place a file may give a name with
 * a dot in it, such as that of a class: it stands for one kind with that name.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OrName {

  /** The kind. */
  String kind();

  /** The key of that kind that receives the name. */
  String key();
}
