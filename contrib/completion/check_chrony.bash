# SPDX-License-Identifier: MIT
# Written from the command line by make generate.

_check_chrony() {
	local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	# To readline --option=value is three words.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $option == = ]] && ((COMP_CWORD > 2)); then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $option in
	-H | --hostname) if [[ $cur == /* ]]; then compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur"); else mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur"); fi ;;
	--reader) mapfile -t COMPREPLY < <(compgen -W 'auto libchrony native' -- "$cur") ;;
	--libchrony) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	--unexpected-reference) mapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown' -- "$cur") ;;
	--leap-warning) if [[ $cur != *,* ]]; then mapfile -t COMPREPLY < <(compgen -W 'none normal insert delete unsynchronised' -- "$cur"); else mapfile -t COMPREPLY < <(compgen -W 'normal insert delete unsynchronised' -P "${cur%,*}," -- "${cur##*,}"); fi ;;
	--leap-critical) if [[ $cur != *,* ]]; then mapfile -t COMPREPLY < <(compgen -W 'none normal insert delete unsynchronised' -- "$cur"); else mapfile -t COMPREPLY < <(compgen -W 'normal insert delete unsynchronised' -P "${cur%,*}," -- "${cur##*,}"); fi ;;
	--no-sources) mapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown' -- "$cur") ;;
	--local-reference) mapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown' -- "$cur") ;;
	--unreachable) mapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown' -- "$cur") ;;
	-p | --port | -t | --timeout | --expect-reference | -w | --offset-warning | --warning | -c | --offset-critical | --critical | -W | --stratum-warning | -C | --stratum-critical | --age-warning | --age-critical | --sources-warning | --sources-critical | --reachable-warning | --reachable-critical | --falsetickers-warning | --falsetickers-critical | --disagreeing-warning | --disagreeing-critical | --authenticated-warning | --authenticated-critical | --max-error-warning | --max-error-critical | --root-dispersion-warning | --root-dispersion-critical | --root-delay-warning | --root-delay-critical | --skew-warning | --skew-critical | --frequency-warning | --frequency-critical | --last-offset-warning | --last-offset-critical | --rms-offset-warning | --rms-offset-critical | --no-sources-after | --grace) ;;
	*) [[ $cur != -* ]] || mapfile -t COMPREPLY < <(compgen -W '-h --help -v --verbose -V --version -H --hostname -p --port -4 --ipv4 -6 --ipv6 -t --timeout --reader --libchrony --expect-reference --unexpected-reference -w --offset-warning --warning -c --offset-critical --critical -W --stratum-warning -C --stratum-critical --leap-warning --leap-critical --age-warning --age-critical --sources-warning --sources-critical --reachable-warning --reachable-critical --falsetickers-warning --falsetickers-critical --disagreeing-warning --disagreeing-critical --authenticated-warning --authenticated-critical --max-error-warning --max-error-critical --root-dispersion-warning --root-dispersion-critical --root-delay-warning --root-delay-critical --skew-warning --skew-critical --frequency-warning --frequency-critical --last-offset-warning --last-offset-critical --rms-offset-warning --rms-offset-critical --no-sources --no-sources-after --local-reference --grace --unreachable' -- "$cur") ;;
	esac
}
complete -F _check_chrony check_chrony
