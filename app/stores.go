package app

import (
	"context"

	"byoe/config"
	"byoe/delivery"
	"byoe/delivery/claims/memory"
	"byoe/delivery/claims/tables"
	"byoe/delivery/claims/tiered"
)

// StoreConfig names the store that remembers events.
type StoreConfig struct {
	Kind string `env:"DEDUPE_STORE" envDefault:"auto" desc:"Where events are remembered: memory (each instance its own), tables (Azure Table Storage, shared), or auto: tables where the app has a storage account and BYOE_HASH_KEY is set"`
}

// The stores.
const (
	storeAuto   = "auto"
	storeMemory = "memory"
	storeTables = "tables"
)

// store says which store is used.
func (s *Settings) store() string {
	if s.Store.Kind != storeAuto {
		return s.Store.Kind
	}
	if s.Tables.Configured() && !s.Delivery.HashKey.IsZero() {
		return storeTables
	}
	return storeMemory
}

// OwnMemoryInAzure says that several instances may run and none knows of the others' mails.
func (s *Settings) OwnMemoryInAzure() bool { return s.Server.InAzure() && s.store() == storeMemory }

// validateStore returns everything that is wrong with the store that is used.
func (s *Settings) validateStore() config.Problems {
	switch s.store() {
	case storeMemory:
		return nil
	case storeTables:
		problems := s.Tables.Validate()
		if s.Delivery.HashKey.IsZero() {
			problems = append(problems, config.Problem{
				Setting: "BYOE_HASH_KEY", What: "not set, and a shared store needs it: a code is quickly guessed from a hash without a key",
				Remedy: "Give a random text, such as openssl rand -base64 32 makes, the same to all instances",
			})
		}
		return problems
	default:
		return config.Problems{{Setting: "DEDUPE_STORE", What: "not a store that byoe knows", Remedy: "Give auto, memory or tables"}}
	}
}

// openStore opens the store that is used, and returns what must run beside it.
func (s *Settings) openStore() (store delivery.Store, run func(ctx context.Context), _ error) {
	own := memory.New()
	if s.store() != storeTables {
		return own, func(context.Context) {}, nil
	}
	shared, err := tables.New(s.Tables, nil)
	if err != nil {
		return nil, nil, err
	}
	return tiered.New(own, shared), shared.Run, nil
}
