package org.lcsc.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name of an enum constant in a file, where it is not the constant's name in kebab-case: {@code
 * dpm-solver++}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface YamlName {

  /** The name in a file. */
  String value();
}
