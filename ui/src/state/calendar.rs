//! Days and months as a calendar lays them out. Pure: today and the locale come in.
//!
//! The Gregorian calendar alone; what a day is called is `format`'s.

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Its month.
    pub month: Month,
    /// 1 to 31.
    pub day: u8,
}

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub number: u8,
}

/// The first day there can be messages of: times begin in 1970.
const FIRST: i32 = 0;
/// As high as a month can be; all have as many rows, so that turning the page moves nothing.
const WEEKS: usize = 6;

impl Month {
    /// The month so many months later, or earlier where negative.
    pub fn plus(self, months: i32) -> Self {
        let all = self.year * 12 + i32::from(self.number) - 1 + months;
        Self {
            year: all.div_euclid(12),
            number: u8::try_from(all.rem_euclid(12) + 1).unwrap_or(1),
        }
    }

    /// How many days it has.
    pub fn length(self) -> u8 {
        let days = self.plus(1).first().number() - self.first().number();
        u8::try_from(days).unwrap_or(31)
    }

    /// Its first day.
    pub fn first(self) -> Date {
        Date {
            month: self,
            day: 1,
        }
    }

    /// A day of it; the last where it has fewer.
    fn on(self, day: u8) -> Date {
        Date {
            month: self,
            day: day.min(self.length()),
        }
    }

    /// Six weeks, with nothing where other months' days would be. `week_start`: 0 for Monday.
    pub fn weeks(self, week_start: u8) -> Vec<[Option<Date>; 7]> {
        let before = (self.first().weekday() + 7 - week_start) % 7;
        let mut weeks = vec![[None; 7]; WEEKS];
        let cells = weeks.iter_mut().flatten().skip(usize::from(before));
        for (cell, day) in cells.zip(1..=self.length()) {
            *cell = Some(self.on(day));
        }
        weeks
    }
}

impl Date {
    /// From its number: consecutive days from 1970-01-01 on, which is 0.
    pub fn from_number(number: i32) -> Self {
        // Howard Hinnant's civil_from_days: years that begin in March, eras of 400 years.
        let days = number + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            month: Month {
                year: year_of_era + era * 400 + i32::from(month <= 2),
                number: u8::try_from(month).unwrap_or(1),
            },
            day: u8::try_from(day).unwrap_or(1),
        }
    }

    /// And back.
    pub fn number(self) -> i32 {
        let month = i32::from(self.month.number);
        let year = self.month.year - i32::from(month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// 0 for Monday to 6.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((self.number() + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// As ISO 8601.
    pub fn name(self) -> String {
        let Month { year, number } = self.month;
        format!("{year:04}-{number:02}-{:02}", self.day)
    }

    /// Where a key leads, as the date grids of ARIA's practices have it: arrows by days and weeks, Home and End to the
    /// ends of the week, Page Up and Down by months, with Shift by years. `week_start`: 0 for Monday.
    pub fn moved(self, key: &str, shift: bool, week_start: u8) -> Option<Self> {
        let months = if shift { 12 } else { 1 };
        let in_week = i32::from((self.weekday() + 7 - week_start) % 7);
        let days = match key {
            "ArrowLeft" => -1,
            "ArrowRight" => 1,
            "ArrowUp" => -7,
            "ArrowDown" => 7,
            "Home" => -in_week,
            "End" => 6 - in_week,
            "PageUp" => return Some(self.month.plus(-months).on(self.day)),
            "PageDown" => return Some(self.month.plus(months).on(self.day)),
            _ => return None,
        };
        Some(Self::from_number(self.number() + days))
    }

    /// The same day in a month so many later.
    pub fn plus_months(self, months: i32) -> Self {
        self.month.plus(months).on(self.day)
    }

    /// The nearest day that can have messages.
    pub fn within(self, today: Self) -> Self {
        self.clamp(
            Self::from_number(FIRST),
            today.max(Self::from_number(FIRST)),
        )
    }
}

#[cfg(test)]
mod tests;
