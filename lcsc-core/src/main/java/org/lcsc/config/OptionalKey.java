package org.lcsc.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record component that a file may leave out and whose default is null. The record's
 * constructor either puts another value in its place or keeps null for "not applicable". A
 * component with neither this annotation nor a value in the record of the public constructor
 * without parameters is required. One with this annotation is not of a primitive type.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OptionalKey {}
