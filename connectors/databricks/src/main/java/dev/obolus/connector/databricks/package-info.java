/**
 * Azure Databricks SQL by its Statement Execution API, as the person. The only package that knows
 * this API's words. Imports {@code sql}, {@code spi} and {@code terms}.
 */
@NullMarked
@CheckReturnValue
package dev.obolus.connector.databricks;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
