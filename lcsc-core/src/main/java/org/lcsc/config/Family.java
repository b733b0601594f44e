package org.lcsc.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** How a family of {@link Part}s stands in a file, where that is not the usual way. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Family {

  /** The key that holds the kind. */
  String key() default "kind";

  /** The kind where none is given; empty for none: the kind is then required. */
  String standard() default "";
}
