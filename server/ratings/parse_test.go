package ratings

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func read(t *testing.T, text string) *File {
	t.Helper()
	file, err := Read(strings.NewReader(text))
	require.NoError(t, err)
	return file
}

func gzipped(t testing.TB, text string) io.Reader {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return &b
}

// describe writes ratings in a canonical form.
func describe(list []Rating) string {
	var b strings.Builder
	for i := range list {
		fmt.Fprintf(&b, "%d %s %+d %s\n", list[i].Line, list[i].reference(), list[i].Value, list[i].Points)
	}
	return b.String()
}

func TestReadsLines(t *testing.T) {
	const want = "1 rating:6:2:1289241911.72836 +1 4\n2 rating:6:5:1289241941.53378 -1 10\n3 rating:a-b.C_d:15:1289243140 +1 2.5\n"
	const plain = "6,2,4,1289241911.72836\n6,5,-10,1289241941.533780\na-b.C_d,15,+2.50,1289243140.000\n"
	require.Equal(t, want, describe(read(t, plain).Ratings))
	require.Equal(t, want, describe(read(t, strings.TrimSuffix(plain, "\n")).Ratings), "without an end of line")
	require.Equal(t, want, describe(read(t, strings.ReplaceAll(plain, "\n", "\r\n")).Ratings), "with those of Windows")
	require.Equal(t, want, describe(read(t, "\ufeff"+plain+"\n \n").Ratings), "with a mark of the encoding and blank lines")
	require.Equal(t, want, describe(read(t, strings.ReplaceAll(plain, ",", " , ")).Ratings), "with spaces")
	require.Equal(t, want, describe(read(t, strings.Replace(plain, "6,2,4", `"6","2","4"`, 1)).Ratings), "with quotes")
	file, err := Read(gzipped(t, plain))
	require.NoError(t, err)
	require.Equal(t, want, describe(file.Ratings), "compressed")
	require.Empty(t, read(t, "").Ratings)
}

func TestReadsInOrderOfTime(t *testing.T) {
	file := read(t, "1,2,1,30\n1,3,1,10.5\n1,4,1,10.25\n2,4,1,10.5\n")
	var lines []int
	for _, r := range file.Ratings {
		lines = append(lines, r.Line)
	}
	require.Equal(t, []int{3, 2, 4, 1}, lines, "the earlier line goes first at the same time")
}

func TestSkipsHeader(t *testing.T) {
	for _, header := range []string{"rater,ratee,rating,time", `"SOURCE","TARGET","RATING","TIME"`, "a,b,c,d"} {
		require.Len(t, read(t, header+"\n1,2,3,4\n").Ratings, 1, header)
	}
	for _, header := range []string{"time,rater,ratee,rating", "target,source,rating,time"} {
		_, err := Read(strings.NewReader(header + "\n1,2,3,4\n"))
		require.ErrorContains(t, err, "line 1: names", header)
	}
}

func TestLeavesOutWhatMovesNothing(t *testing.T) {
	file := read(t, "1,2,0,4\n3,3,5,4\n4,5,-0,4\n6,6,0,4\n7,8,1,4\n")
	require.Equal(t, 3, file.Zero)
	require.Equal(t, 1, file.Self)
	require.Len(t, file.Ratings, 1)
}

func TestRefusesLines(t *testing.T) {
	for line, problem := range map[string]string{
		"1,2,3":                                 "has 3 fields",
		"1,2,3,4,5":                             "has 5 fields",
		"not a table":                           "has 1 fields",
		",2,3,4":                                "rater",
		"1,did:otc:2,3,4":                       "ratee",
		"1," + strings.Repeat("2", 33) + ",3,4": "ratee",
		"1,ü,3,4":                               "ratee",
		"1,2,,4":                                "rating",
		"1,2,1e3,4":                             "rating",
		"1,2,--3,4":                             "rating",
		"1,2,NaN,4":                             "rating",
		"1,2,0.1234567890123456789,4":           "rating",
		"1,2,1234567890123456789,4":             "rating",
		"1,2,3,":                                "time",
		"1,2,3,-4":                              "time",
		"1,2,3,4.":                              "time",
		"1,2,3,.5":                              "time",
		"1,2,3,1.0000000001":                    "time",
		"1,2,3,9000000001":                      "time",
		"1,2,3,2010-11-08":                      "time",
		"1,2,3," + strings.Repeat("4", 2000):    "longer than",
	} {
		_, err := Read(strings.NewReader("9,8,7,6\n" + line + "\n"))
		var fault *SyntaxError
		require.ErrorAs(t, err, &fault, line)
		require.Equal(t, 2, fault.Line, line)
		require.ErrorContains(t, err, problem, line)
		require.NotContains(t, err.Error(), "\n", line)
	}
}

func TestRefusesDamagedFiles(t *testing.T) {
	whole, err := io.ReadAll(gzipped(t, strings.Repeat("1,2,3,4\n", 1000)))
	require.NoError(t, err)
	_, err = Read(bytes.NewReader(whole[:len(whole)-6]))
	require.ErrorContains(t, err, "after line", "cut off")
	_, err = Read(strings.NewReader("\x1f\x8bnonsense"))
	require.ErrorContains(t, err, "gzip")
	_, err = ReadFile(t.TempDir() + "/none")
	require.ErrorContains(t, err, "no such file")
	_, err = ReadFile(t.TempDir())
	require.Error(t, err, "a directory")
}

// What is read once reads the same again when it is written out, and fits into
// a reference.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "rater,ratee,rating,time\n1,2,3,4.5\n", "6,2,4,1289241911.72836\n6,5,-10,1289241941.53378\n",
		"1,1,1,1\n1,2,0,1\n", "\ufeff\"a\",\"b\",\"+1\",\"0\"\r\n", "1,2,3,9000000000.999999999\n", "\x1f\x8b", ",,,\n",
		"1,2,999999999999999999.999999999999999999,1\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Read(bytes.NewReader(content))
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.True(t, slices.IsSortedFunc(file.Ratings, func(a, b Rating) int { return int(min(max(a.Time-b.Time, -1), 1)) }))
		var again strings.Builder
		for i := range file.Ratings {
			r := &file.Ratings[i]
			require.False(t, r.Points.IsZero())
			require.LessOrEqual(t, len(r.reference()), 128)
			fields := strings.Split(r.reference(), ":")
			require.Len(t, fields, 4)
			sign := map[int]string{1: "", -1: "-"}[r.Value]
			fmt.Fprintf(&again, "%s,%s,%s%s,%s\n", fields[1], fields[2], sign, r.Points, fields[3])
		}
		second, err := Read(strings.NewReader(again.String()))
		require.NoError(t, err)
		require.Len(t, second.Ratings, len(file.Ratings))
		for i := range second.Ratings {
			require.Equal(t, file.Ratings[i].reference(), second.Ratings[i].reference())
			require.Equal(t, file.Ratings[i].Points, second.Ratings[i].Points)
			require.Equal(t, file.Ratings[i].Value, second.Ratings[i].Value)
		}
	})
}
