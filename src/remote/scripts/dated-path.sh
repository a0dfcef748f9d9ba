# shellcheck shell=sh
# Shared: paths that hold a date. Only %Y, %m and %d are replaced; every other character stands for itself.

# fill PATTERN "YEAR MONTH DAY": the pattern with its date tokens replaced, in $filled; without a process.
fill() {
  filled=$1
  fill_year=${2%% *}
  fill_day=${2##* }
  fill_month=${2#* }
  fill_month=${fill_month% *}
  while :; do
    case $filled in
      *%Y*) filled=${filled%%%Y*}$fill_year${filled#*%Y} ;;
      *%m*) filled=${filled%%%m*}$fill_month${filled#*%m} ;;
      *%d*) filled=${filled%%%d*}$fill_day${filled#*%d} ;;
      *) return ;;
    esac
  done
}
