// SPDX-License-Identifier: Apache-2.0
// Copyright the Obolus authors
package dev.obolus.audit.personal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubjectsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "WHERE email = 'Bob.B+x@Example.com'            | bob.b+x@example.com",
        "LIKE '%bob@example.com%'                       | %bob@example.com bob@example.com",
        "= 'o''brien@x.com'                             | o'brien@x.com brien@x.com",
        "= 'o\\'brien@x.com'                            | o'brien@x.com brien@x.com",
        "{\"email\":\"O'Brien@x.com\"}                   | o'brien@x.com brien@x.com",
        "email='bob@x.com'                              | bob@x.com",
        "= E'bob@x.com'                                 | e'bob@x.com bob@x.com",
        "?email=bob@x.com&b=1                           | ?email=bob@x.com email=bob@x.com bob@x.com",
        "= '!#$&*~@x.com'                               | !#$&*~@x.com *~@x.com ~@x.com",
        "= 'a!b%c@x.com'                                | a!b%c@x.com b%c@x.com c@x.com",
        "{\"email\":\"ü@bücher.example\"}               | ü@bücher.example",
        "(a@b.co),c_d@e-f.org.                          | a@b.co c_d@e-f.org",
        "a@b.co A@B.CO                                  | a@b.co",
        "SELECT @x, a@b, @b.co, a@.co, name@            | ``",
      })
  void addressesAreFound(String text, String wanted) {
    Set<String> found = new LinkedHashSet<>();
    Subjects.collect(text, found);
    assertThat(String.join(" ", found)).isEqualTo(wanted);
  }

  @Test
  void noMoreThanSixteenAddressesAreLookedAfter() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      text.append('p').append(i).append("@example.com ");
    }
    Set<String> found = new LinkedHashSet<>();
    Subjects.collect(text.toString(), found);
    assertThat(found).hasSize(16);
  }
}
