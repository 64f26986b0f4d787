package server

import (
	"runtime"

	"github.com/agentvault/teg-layer/server/api"
	"github.com/agentvault/teg-layer/teg"
)

// Setting is a setting of the program, as it may be shown to those who oversee it.
type Setting struct {
	Name   string
	Value  string // empty where it is not set; a secret is masked
	Source string // who set it, such as "environment"
}

// getSystem tells of the server that answers.
func getSystem(c *call) (answer, error) {
	log, err := c.engine().LogStatus(c.ctx)
	if err != nil {
		return answer{}, err
	}
	readers, err := c.engine().LogReaders(c.ctx)
	if err != nil {
		return answer{}, err
	}
	config, work := &c.server.config, c.engine().Stats()
	return answer{body: api.System{
		Version: config.Version, GoVersion: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Environment: config.Environment,
		StartedAt: stamp(c.server.health.started),
		Log: api.SystemLog{
			Origin: log.Origin, Events: log.Size, WaitingEvents: log.Waiting, CoveredEvents: log.TreeSize, BehindSeconds: log.BehindFor.Seconds(),
			Signed: log.Signed, FirstPosition: log.Tail, ArchivedEvents: log.Archived,
		},
		Readers:     readersOf(readers),
		Work:        api.SystemWork{Groups: work.Groups, Operations: work.Operations, Failures: work.Failures, Waiting: work.Waiting},
		Connections: connectionsOf(c.engine().Pools()),
		Settings:    settingsOf(config.Settings),
	}}, nil
}

func readersOf(stats []teg.LogReaderStats) []api.LogReader {
	list := make([]api.LogReader, len(stats))
	for i, r := range stats {
		list[i] = api.LogReader{Name: r.Name, Position: r.Position, LagEvents: r.Behind, LagSeconds: r.Lag.Seconds()}
	}
	return list
}

func connectionsOf(pools []teg.Pool) []api.SystemConnections {
	list := make([]api.SystemConnections, len(pools))
	for i, p := range pools {
		list[i] = api.SystemConnections{Name: p.Name, Open: int64(p.Open), InUse: int64(p.InUse), Waits: p.Waits, WaitedSeconds: p.Waited.Seconds()}
		if limit := int64(p.Limit); limit > 0 {
			list[i].Limit = &limit
		}
	}
	return list
}

func settingsOf(settings []Setting) []api.Setting {
	list := make([]api.Setting, len(settings))
	for i, s := range settings {
		list[i] = api.Setting{Name: s.Name, Value: orNull(s.Value), Source: s.Source}
	}
	return list
}
