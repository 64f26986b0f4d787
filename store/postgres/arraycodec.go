package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// arrayTypes are the types of arrays that are built here.
var arrayTypes = []uint32{
	pgtype.Int2ArrayOID, pgtype.Int4ArrayOID, pgtype.Int8ArrayOID, pgtype.UUIDArrayOID, pgtype.NumericArrayOID, pgtype.TextArrayOID,
	pgtype.ByteaArrayOID, pgtype.TimestamptzArrayOID, pgtype.BoolArrayOID,
}

// acceptArrays teaches a connection to send arrays as they were built.
func acceptArrays(conn *pgx.Conn) {
	for _, oid := range arrayTypes {
		if known, ok := conn.TypeMap().TypeForOID(oid); ok {
			conn.TypeMap().RegisterType(&pgtype.Type{Name: known.Name, OID: oid, Codec: arrayCodec{known.Codec}})
		}
	}
}

// arrayCodec is the driver's own, and knows what needs no encoding.
type arrayCodec struct{ pgtype.Codec }

// PreferredFormat is binary.
func (arrayCodec) PreferredFormat() int16 { return pgtype.BinaryFormatCode }

// PlanEncode implements [pgtype.Codec].
func (c arrayCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, built := value.(*array); built && format == pgtype.BinaryFormatCode {
		return asBuilt{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

type asBuilt struct{}

// Encode implements [pgtype.EncodePlan].
func (asBuilt) Encode(value any, buf []byte) ([]byte, error) {
	return append(buf, value.(*array).buf...), nil
}

// literal is the array as text, which every connection of every driver takes.
func (a *array) literal() (string, error) {
	switch a.element {
	case pgtype.BoolOID:
		return literalOf[pgtype.Bool](a, pgtype.BoolArrayOID)
	case pgtype.Int2OID:
		return literalOf[pgtype.Int2](a, pgtype.Int2ArrayOID)
	case pgtype.Int4OID:
		return literalOf[pgtype.Int4](a, pgtype.Int4ArrayOID)
	case pgtype.Int8OID:
		return literalOf[pgtype.Int8](a, pgtype.Int8ArrayOID)
	case pgtype.UUIDOID:
		return literalOf[pgtype.UUID](a, pgtype.UUIDArrayOID)
	case pgtype.NumericOID:
		return literalOf[pgtype.Numeric](a, pgtype.NumericArrayOID)
	case pgtype.TextOID:
		return literalOf[pgtype.Text](a, pgtype.TextArrayOID)
	case pgtype.ByteaOID:
		return literalOf[[]byte](a, pgtype.ByteaArrayOID)
	case pgtype.TimestamptzOID:
		return literalOf[*time.Time](a, pgtype.TimestamptzArrayOID)
	}
	return "", fmt.Errorf("postgres: no arrays of type %d", a.element)
}

func literalOf[T any](a *array, oid uint32) (string, error) {
	var elements []T
	types := pgtype.NewMap()
	if err := types.Scan(oid, pgtype.BinaryFormatCode, a.buf, &elements); err != nil {
		return "", err
	}
	text, err := types.Encode(oid, pgtype.TextFormatCode, elements, nil)
	return string(text), err
}
