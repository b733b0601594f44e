package org.lcsc.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record component that a file may leave out. The record's constructor then gets null, and
 * either puts the default in its place or keeps null for "not applicable". A component without this
 * annotation is required; a component with it is not of a primitive type.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OptionalKey {}
