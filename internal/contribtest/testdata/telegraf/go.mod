// The Telegraf that the tests build, apart from the plugin's own modules.
module telegraf

go 1.26

require github.com/influxdata/telegraf v1.30.3
